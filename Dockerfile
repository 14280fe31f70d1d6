# One image for all of joblog's processes; the command says which.
FROM python:3.11-slim
COPY . /src
RUN pip install --no-cache-dir /src && rm -r /src \
    && useradd --system --create-home joblog \
    && install -d -o joblog /data
USER joblog
WORKDIR /home/joblog
ENV JOBLOG_DATA_DIR=/data
VOLUME /data
ENTRYPOINT ["joblog"]
